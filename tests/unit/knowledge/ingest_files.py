"""Real files for the tests of ingest: a PDF written here, byte by byte, and the like of it in every other format."""

from collections.abc import Sequence
from pathlib import Path

PORT = "A port is a small device under the skin. Nurses can draw blood through a port."
CARE = "The skin over a port heals in about one week. Keep the dressing dry until it heals."
MARKDOWN = f"""---
source: {{name: Example Hospital, url: "https://hospital.example.org/port"}}
also_called: [chest port]
---
# Implanted port

{PORT}

## After the *procedure*

- The skin over a port heals in about one week
- Keep the dressing dry until it heals.
"""
HTML = f"""<!doctype html><html><head><meta charset="utf-8"><title>Implanted port</title>
<link rel="canonical" href="https://hospital.example.org/port"><style>p {{ color: red }}</style></head><body>
<nav><p>Home</p></nav><h1>Implanted port</h1><p>{PORT}</p>
<p style="display: none">A port must never be used.</p>
<h2>After the procedure</h2><ul><li>The skin over a port heals in about one week<li>Keep the dressing dry until
it heals.</ul><script>alert("A port")</script><footer>Page 1</footer></body></html>
"""
XML = """<?xml version="1.0" encoding="UTF-8"?>
<health-topics total="2" date-generated="11/01/2026">
<health-topic title="Port care" url="https://medlineplus.gov/portcare.html" language="English">
<also-called>Chest port</also-called>
<full-summary>&lt;p&gt;A port is a small device under the skin.&lt;/p&gt;&lt;h3&gt;After the procedure&lt;/h3&gt;
&lt;ul&gt;&lt;li&gt;The skin over a port heals in about one week&lt;/li&gt;&lt;/ul&gt;</full-summary>
</health-topic>
<health-topic title="Cuidado" url="https://medlineplus.gov/spanish/portcare.html" language="Spanish">
<full-summary>&lt;p&gt;Un puerto.&lt;/p&gt;</full-summary>
</health-topic>
</health-topics>
"""
BOMB = """<?xml version="1.0"?><!DOCTYPE health-topics [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>
<health-topics><health-topic title="&b;" url="https://x.example.org" language="English"/></health-topics>
"""


def pdf_bytes(pages: Sequence[Sequence[str]], *, title: str = "") -> bytes:
    """Return a PDF of one line of text after the other, in Helvetica."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode())
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    for number, lines in enumerate(pages):
        drawn = "".join(f"({_escaped(line)}) Tj 0 -16 Td\n" for line in lines)
        stream = f"BT /F1 12 Tf 50 750 Td\n{drawn}ET".encode("latin-1")
        fonts = "<< /Font << /F1 3 0 R >> >>"
        page = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources {fonts} /Contents {5 + 2 * number} 0 R >>"
        )
        objects += [page.encode(), b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream)]
    objects.append(f"<< /Title ({_escaped(title)}) >>".encode("latin-1"))
    return _with_table(objects)


def _with_table(objects: Sequence[bytes]) -> bytes:
    content, places = b"%PDF-1.4\n", list[int]()
    for number, body in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"<< /Size %d /Root 1 0 R /Info %d 0 R >>" % (len(objects) + 1, len(objects))
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    return content + head + table + b"trailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (trailer, len(content))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


PDF = pdf_bytes(
    [
        ["Example Hospital", "A port is a small device under the skin. Nurses can draw blood through", "a port."],
        ["Example Hospital", "After the procedure", "The skin over a port heals in about one week. Keep the dress-",
         "ing dry until it heals.", "2 of 3"],
        ["Example Hospital", "Questions", "Your care team can answer questions about a port."],
    ],
    title="Implanted port",
)  # fmt: skip


def write(folder: Path, name: str, content: str | bytes) -> Path:
    """Write a file and return its path."""
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file
