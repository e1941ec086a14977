import Hummingbird
import Logging

/// Makes a page of an error.
struct ErrorPages: RouterMiddleware {
    func handle(
        _ request: Request, context: NotesContext, next: (Request, NotesContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError {
            var response = ErrorView(title: error.status.reasonPhrase, message: error.body ?? "").response(error.status)
            response.headers.append(contentsOf: error.headers)
            return response
        } catch let error as any HTTPResponseError {
            return ErrorView(title: error.status.reasonPhrase, message: "").response(error.status)
        } catch {
            context.logger.error("a request failed", metadata: ["error": "\(error)"])
            return ErrorView(title: "Something went wrong", message: "Nothing was changed. Please try again.")
                .response(.internalServerError)
        }
    }
}
