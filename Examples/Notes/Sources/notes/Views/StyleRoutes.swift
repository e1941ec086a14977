import HTTPTypes
import Hummingbird

/// The two files that every page needs. They are part of the program.
struct StyleRoutes {
    func add(to router: Router<NotesContext>) {
        router.get("/style.css") { _, _ in file(PackageResources.style_css, "text/css; charset=utf-8") }
        router.get("/icon.svg") { _, _ in file(PackageResources.icon_svg, "image/svg+xml") }
    }

    private func file(_ bytes: [UInt8], _ type: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: type, .cacheControl: "max-age=300"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
