"""How well questions are answered: labelled questions, verdicts, figures, the page of misses, calibration."""
