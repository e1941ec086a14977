import TTLSessions

struct NotesView: View {
    let user: String?
    let flash: [FlashMessage]
    let notes: [Note]
    /// How often the program was restarted since the login.
    let restarts: Int64

    let title = "Notes"

    var body: HTML {
        """
        <h1>Your notes</h1>
        <form method="post" action="/notes" class="card stack">
        <label>New note
        <textarea name="text" rows="3" maxlength="\(NoteBook.longestText)" required></textarea></label>
        <div class="row">
        <label class="inline">Keep it <select name="keep">\(Keeping.allCases.map(option))</select></label>
        <button id="add-note">Keep</button>
        </div>
        </form>
        \(list)
        <p class="restarts">This session has survived <strong id="restarts">\(restarts)</strong>
        \(restarts == 1 ? "restart" : "restarts") of the server.</p>
        """
    }

    private var list: HTML {
        notes.isEmpty ? "<p class=\"empty\">No notes yet.</p>" : "<ul class=\"notes\">\(notes.map(item))</ul>"
    }

    private func option(_ keeping: Keeping) -> HTML {
        "<option value=\"\(keeping.rawValue)\">\(keeping.label)</option>"
    }

    private func item(_ note: Note) -> HTML {
        let end = note.remaining.map { " · disappears in \(TimeText.duration($0))" } ?? ""
        return """
            <li class="card note">
            <p class="text">\(note.text)</p>
            <form class="row" method="post" action="/notes/\(note.id)/delete">
            <span class="meta">\(TimeText.ago(note.createdAt))\(end)</span>
            <button class="quiet">Delete</button>
            </form>
            </li>
            """
    }
}
