"""Mends the man pages that ArgumentParser generates: names them as git does, and sets examples as they are."""
import pathlib
import re
import sys

raw, folder = map(pathlib.Path, sys.argv[1:])


def escaped(line):
    """Text that roff takes as it is: neither a request nor an escape, and with the quotes and dashes of a shell."""
    line = line.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    line = line.replace("~", "\\(ti").replace("^", "\\(ha")
    return "\\&" + line if line.startswith(".") else line


def is_examples(lines):
    return any(re.search(r"(^|[|&;] *)ttl( |$)", line) for line in lines) and not any(
        len(line) > 100 or re.search(r"[\w)']\.$", line) for line in lines)


def paragraph(lines):
    text = [escaped(line) for line in lines]
    if is_examples(lines):
        return [".Bd -literal -offset indent", *text, ".Ed"]
    # A sentence begins a line, so that roff sets the space between two.
    return [".Pp"] + [piece for line in text for piece in re.split(r"(?<=[.:;?!]) (?=[A-Z-])", line)]


def mended(page):
    head, rest = page.split(".Sh DESCRIPTION\n", 1)
    description, options = rest.split(".Bl -tag", 1)
    blocks = [block for block in description.strip("\n").split("\n\n") if block]
    lines = [line for block in blocks for line in paragraph(block.split("\n"))]
    if lines[:1] == [".Pp"]:
        del lines[0]
    # An abstract names a page, and is no sentence.
    head = re.sub(r'^(\.Nd ".*)\."$', r'\1"', head, flags=re.M)
    page = head + ".Sh DESCRIPTION\n" + "\n".join(lines + [".Bl -tag"]) + options
    page = page.replace("\n.Pp\n.It", "\n.It")
    page = re.sub(r"^(\.Xr|\.Dt) (ttl|TTL)\.", r"\1 \2-", page, flags=re.M)
    return page.rstrip("\n") + "\n"


pages = sorted(raw.glob("*.1"))
if not pages:
    sys.exit("no page was generated")
for page in pages:
    name = page.name.replace("ttl.", "ttl-", 1) if page.name != "ttl.1" else page.name
    (folder / name).write_text(mended(page.read_text()))
