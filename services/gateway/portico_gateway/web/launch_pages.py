"""The pages of a SMART launch: the assistant, and one page for everything that went wrong or has ended.

Fixed words with the site's name and number in them and nothing of the request; numbers for an emergency on each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

from starlette.responses import FileResponse, HTMLResponse, Response

from portico_gateway.texts import SiteTexts
from portico_gateway.web.launch_faults import STATUS, WORDS, LaunchFault

FOLDER = Path(__file__).parent / "launch_page"
ASSETS: Mapping[str, str] = {"launch.js": "text/javascript; charset=utf-8", "launch.css": "text/css; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class LaunchPages:
    """The pages of one site."""

    texts: SiteTexts

    def assistant(self) -> Response:
        """Return the page with the widget; it asks for its tokens itself.

        Under `no-referrer` a browser sends the sign-out form with `Origin: null`, which is foreign.
        """
        return HTMLResponse(self._filled("assistant.html"), headers={"Referrer-Policy": "same-origin"})

    def signed_out(self) -> Response:
        """Return the page after signing out."""
        return HTMLResponse(self._filled("notice.html", title="You are signed out", words=_SIGNED_OUT, code=""))

    def refused(self, fault: LaunchFault) -> Response:
        """Return the page of a fault, named by its code."""
        headers = {"Retry-After": "60"} if STATUS[fault] in {429, 503} else {}
        title = "The assistant could not be opened"
        page = self._filled("notice.html", title=title, words=WORDS[fault], code=f"Code: {fault.value}")
        return HTMLResponse(page, STATUS[fault], headers=headers)

    def asset(self, name: str) -> Response:
        """Return a file of the pages."""
        return FileResponse(FOLDER / name, media_type=ASSETS[name])

    def _filled(self, name: str, **words: str) -> str:
        said = {"clinic": self.texts.clinic_name, "phone": self.texts.clinic_phone, **words}
        template = Template((FOLDER / name).read_text(encoding="utf-8"))
        return template.substitute({key: escape(value) for key, value in said.items()} | {"contacts": self._contacts()})

    def _contacts(self) -> str:
        lines = [(escape(contact.uri), escape(contact.label)) for contact in self.texts.contacts("en")]
        return "".join(f'<li><a href="{uri}">{label}</a></li>' for uri, label in lines)


_SIGNED_OUT = "This device has forgotten the conversation. To come back, open the assistant from your portal."
