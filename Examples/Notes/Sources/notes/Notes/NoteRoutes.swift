import Foundation
import Hummingbird
import TTLHummingbird
import TTLStore

/// The private notes.
struct NoteRoutes {
    let book: NoteBook
    let start: Int64

    private struct NoteForm: Decodable {
        let text: String
        let keep: Keeping
    }

    func add(to router: RouterGroup<NotesContext>) {
        router.get("/", use: page)
        router.post("/notes", use: add)
        router.post("/notes/:id/delete", use: remove)
    }

    private func page(_ request: Request, _ context: NotesContext) async throws -> Response {
        let user = try context.user
        let firstStart = context.sessions.session?.firstStart ?? start
        return NotesView(
            user: user, flash: try await context.sessions.takeFlash(), notes: try await book.notes(of: user),
            restarts: start - firstStart
        ).response()
    }

    private func add(_ request: Request, _ context: NotesContext) async throws -> Response {
        let form = try await request.decode(as: NoteForm.self, context: context)
        let text = form.text.trimmingCharacters(in: .whitespacesAndNewlines)
        if text.isEmpty {
            context.sessions.flash("An empty note was not kept.", kind: "warning")
        } else if text.count > NoteBook.longestText {
            context.sessions.flash("A note has at most \(NoteBook.longestText) characters.", kind: "warning")
        } else {
            try await book.add(text, of: try context.user, expiring: form.keep.expiry)
            context.sessions.flash("The note is kept \(form.keep.label).")
        }
        return .redirect(to: "/")
    }

    private func remove(_ request: Request, _ context: NotesContext) async throws -> Response {
        let id = try context.parameters.require("id", as: UUID.self)
        guard try await book.remove(id, of: try context.user) else {
            throw HTTPError(.notFound, message: "You have no such note.")
        }
        context.sessions.flash("The note is deleted.")
        return .redirect(to: "/")
    }
}

/// How long a note is kept.
enum Keeping: String, Decodable, CaseIterable {
    case forever, day, hour, minute

    var label: String {
        switch self {
        case .forever: "for ever"
        case .day: "for a day"
        case .hour: "for an hour"
        case .minute: "for a minute"
        }
    }

    var expiry: TTLStore.Expiry {
        switch self {
        case .forever: .never
        case .day: .days(1)
        case .hour: .hours(1)
        case .minute: .minutes(1)
        }
    }
}
