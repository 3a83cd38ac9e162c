"""How far the checkpoint files are covered by an archive: what a later walk of the rest must still expect.

A line is covered when the record it signs is archived. Lines are covered from the first one on without a gap, so one
number a file says it all, and no clock has a part in it.
"""

from collections.abc import Collection, Iterable, Mapping

from portico_state.chain_walk import ChainWalk, Position
from portico_state.checkpoints import DECISIONS, Checkpoint, parse_checkpoint


def covered_lines(
    files: Iterable[Iterable[bytes]], walk: ChainWalk, touched: Collection[str], before: Mapping[str, int]
) -> tuple[dict[str, Position], dict[str, int]]:
    """Return the chains that may go on behind a walk, and per file the last line covered by it.

    `touched` are the chains of the newest stretch: one of them may get a late record even after its end was signed.
    """
    positions, covered, pending = walk.positions, dict(before), set[str]()
    for lines in files:
        gap = False
        for line in lines:
            checkpoint = parse_checkpoint(line)
            if checkpoint is None or checkpoint.number <= before.get(checkpoint.log, 0):
                continue
            gap = gap or not _is_archived(checkpoint, positions)
            if gap:
                pending.add(checkpoint.chain)
            else:
                covered[checkpoint.log] = checkpoint.number
    may_go_on = pending | set(touched) | (positions.keys() - walk.history.ended)
    return {chain: at for chain, at in positions.items() if chain in may_go_on}, covered


def _is_archived(checkpoint: Checkpoint, positions: Mapping[str, Position]) -> bool:
    if checkpoint.kind in DECISIONS or checkpoint.seq == 0:
        return True
    at = positions.get(checkpoint.chain)
    return at is not None and at.seq >= checkpoint.seq
