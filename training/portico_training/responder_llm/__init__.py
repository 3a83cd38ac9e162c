"""LoRA recipes of the GPU profile's responder: SFT with citations, DPO on pairs of drafts, drafts to judge, export."""
