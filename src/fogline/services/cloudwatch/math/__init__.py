"""Metric math: expressions over metrics, parsed into steps for a stack and carried out within bounds."""
