"""Synthetic sample input with a planted, known store segmentation."""

from clustering.sample.write import SampleSummary, write_sample

__all__ = ["SampleSummary", "write_sample"]
