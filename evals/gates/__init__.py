"""What has to hold before a version answers customers, read from runs. Nothing here knows what is published or how:
`check` says whether a run is good enough, whatever it is a run of.
"""

from evals.gates.checking import check
from evals.gates.findings import Finding, GateReport
from evals.gates.sets import SetGate, gate_of

__all__ = ["Finding", "GateReport", "SetGate", "check", "gate_of"]
