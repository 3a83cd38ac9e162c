"""An archive as evidence: its manifests checked against keys, numbers and decisions, its rows fed to a walk.

What is wrong is a finding and never stops the walk: behind a file that cannot be read it goes on from the positions
of its signed manifest.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from portico_core.errors import ConfigurationError, NotFound
from portico_state.archive.day_file import Row, UnreadableArchive, read_rows, sha256_of
from portico_state.archive.decisions import Decisions
from portico_state.archive.manifest import NO_MANIFEST, SUFFIX, Manifest, prefix_of, read_manifest
from portico_state.archive.shelf import ArchiveShelf
from portico_state.findings import Finding, FindingKind
from portico_state.keyring import Keyring


@dataclass(slots=True)
class ArchiveEvidence:
    """The archive of one tenant as it was found; make it with `open_evidence`."""

    shelf: ArchiveShelf
    manifests: list[Manifest] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

    @property
    def last(self) -> Manifest | None:
        """Return the newest manifest."""
        return self.manifests[-1] if self.manifests else None

    def kept(self, deleted: dict[int, str]) -> tuple[Manifest | None, list[Manifest]]:
        """Return the manifest behind which a walk begins (its file was deleted by decision), and those with files."""
        gone = [manifest for manifest in self.manifests if deleted.get(manifest.number) == manifest.digest]
        kept = [manifest for manifest in self.manifests if manifest.number > (gone[-1].number if gone else 0)]
        return (gone[-1] if gone else None), kept

    def check_decisions(self, decisions: Decisions) -> None:
        """Compare with the signed decisions: an archive that misses what was decided was cut or rolled back."""
        known = {manifest.number: manifest.digest for manifest in self.manifests}
        decided = {**decisions.archived, **decisions.trimmed, **decisions.deleted}
        for number, digest in sorted(decided.items()):
            if number not in known:
                self._find(f"manifest {number}", "was decided on, and is not in the archive: removed or rolled back")
            elif known[number] != digest:
                self._find(f"manifest {number}", "is another one than the signed decision names")
        for number in sorted(known.keys() - decisions.archived.keys()):
            detail = "no decision names it yet: the archive job was interrupted, or the checkpoints are older"
            self.warnings.append(Finding(FindingKind.ARCHIVE, f"manifest {number}", detail))

    def rows(self, manifest: Manifest) -> Iterator[Row]:
        """Give the rows of a file; its size, bytes and extent are compared with the manifest, and told."""
        where, count, first, last = manifest.file, 0, "", ""
        try:
            with self.shelf.fetch(manifest.file) as path:
                found = sha256_of(path)
                if found != manifest.sha256:
                    detail = f"its SHA-256 is {found}, its signed manifest says {manifest.sha256}: bytes were changed"
                    self._find(where, detail)
                for row in read_rows(path):
                    first, last, count = first or row[0], row[0], count + 1
                    yield row
        except NotFound:
            self._find(where, "is missing, and no signed decision deleted it")
        except UnreadableArchive as error:
            self._find(where, f"{error}; {count} of {manifest.records} records were read before the damage")
        else:
            if (count, first, last) != (manifest.records, manifest.first_id, manifest.last_id):
                detail = f"holds {count} records ({first} to {last}), its manifest says {manifest.records}"
                self._find(where, f"{detail} ({manifest.first_id} to {manifest.last_id})")

    def _find(self, where: str, detail: str) -> None:
        self.findings.append(Finding(FindingKind.ARCHIVE, where, detail))


def open_evidence(shelf: ArchiveShelf, *, keyring: Keyring, tenant: str) -> ArchiveEvidence:
    """Read every manifest of a tenant and check signature, number and predecessor."""
    evidence = ArchiveEvidence(shelf)
    previous: Manifest | None = None
    for name in shelf.names(prefix_of(tenant)):
        if not name.endswith(SUFFIX):
            continue
        try:
            manifest = read_manifest(shelf.read(name), keys=keyring.audit, tenant=tenant, name=name)
        except ConfigurationError as error:
            evidence._find(name, str(error))
            continue
        wrong = _wrong_with(manifest, previous, name)
        if wrong:
            evidence._find(name, wrong)
        evidence.manifests.append(manifest)
        previous = manifest
    return evidence


def _wrong_with(manifest: Manifest, previous: Manifest | None, name: str) -> str | None:
    number, prev = (previous.number + 1, previous.digest) if previous else (1, NO_MANIFEST)
    checks = {
        f"is the manifest of {manifest.name} under another name": manifest.name == name,
        f"should be number {number}: manifests were removed or shown again": manifest.number == number,
        "does not follow the manifest before it": manifest.prev == prev,
    }
    return next((text for text, holds in checks.items() if not holds), None)
