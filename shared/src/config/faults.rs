//! Where a process is to die and which clock it reads, in builds that are tested.

use super::{ConfigError, settings::Layers};
use crate::faults::FaultPlan;

/// `ANALYZE_FAULT` and `ANALYZE_FAULT_CLOCK`.
pub(super) fn faults(get: &Layers) -> Result<FaultPlan, ConfigError> {
    let death = get
        .is_set("ANALYZE_FAULT")
        .then(|| get.parse("ANALYZE_FAULT", "a place such as unit.committed#3"));
    let clock = get
        .is_set("ANALYZE_FAULT_CLOCK")
        .then(|| get.text("ANALYZE_FAULT_CLOCK").into());
    Ok(FaultPlan {
        death: death.transpose()?,
        clock,
    })
}
