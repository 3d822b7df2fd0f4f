"""Logic: formulas, entailment, satisfiability, syllogisms, deduction about people, sets."""
