"""Write what every profile renders to: `make chart-snapshots`. Look at the difference before it is committed."""

from chart.rendering import PROFILES, SNAPSHOTS, snapshot_of

if __name__ == "__main__":
    SNAPSHOTS.mkdir(exist_ok=True)
    for profile in PROFILES:
        (SNAPSHOTS / f"{profile}.yaml").write_text(snapshot_of(profile), encoding="utf-8")
