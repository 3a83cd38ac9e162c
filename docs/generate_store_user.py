"""Write the store's user for sites: `.venv/bin/python docs/generate_store_user.py`.

The rules are those of `portico_state.store_user`, under which the demo's own Valkey and so every test runs; the
password is a place to fill in. tests/integration/test_store_user.py says when a file is stale.
"""

from pathlib import Path

from portico_state.store_user import NAME, rules

ROOT = Path(__file__).resolve().parents[1]
PLACE = "PASSWORD_SHA256"
TEXT = f"""# Portico's user of the store: what its code sends, on its own keys, nothing else (docs/adr/0037).
# With a long random password:  sed "s/{PLACE}/$(printf %s "$PASSWORD" | sha256sum | cut -c1-64)/" THIS_FILE > auth.conf
# The URL is then redis://{NAME}:PASSWORD@HOST:6379/0. It is included by valkey.conf beside "user default off"; in an
# ACL file (`aclfile`) the line stands alone, without these comments. A site with several tenants narrows the keys of
# each user to ~portico:{{TENANT}}:*, braces included.
user {NAME} on #{PLACE} {rules()}
"""


def files() -> dict[Path, str]:
    """Return what belongs where."""
    return {ROOT / place / "valkey-auth.conf": TEXT for place in ("deploy", "helm/portico/files")}


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
