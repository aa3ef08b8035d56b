//! What a run may still spend of the day's budget. The broker says it too, but some time after a Dream's report: the
//! next one has begun by then. Pure.

use remanence_proto::broker::Task;

/// What the day has left, as far as this run knows; it does not grow while the run goes on, not even at midnight.
#[derive(Debug, Default)]
pub(super) struct Purse {
    left: Option<u64>,
}

impl Purse {
    /// Has a task cost no more than is left.
    pub(super) fn limit(&mut self, task: &mut Task) {
        // Others spend of it too, which only the broker knows.
        self.left = [self.left, task.left_micros].into_iter().flatten().min();
        task.left_micros = self.left;
        task.cost_micros = [task.cost_micros, self.left].into_iter().flatten().min();
    }

    /// Takes out what a Dream cost.
    pub(super) fn spend(&mut self, micros: u64) {
        self.left = self.left.map(|left| left.saturating_sub(micros));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_spends_no_more_than_the_day_has_left_however_late_the_broker_hears_of_it() {
        // (what one Dream may cost, what the broker says is left, what the Dream is let cost, what it costs)
        let dreams = [
            (Some(4), Some(10), Some(4), 4),
            // The report is not counted yet.
            (Some(4), Some(10), Some(4), 4),
            (Some(4), Some(6), Some(2), 1),
            // Another run of the schedule spent the rest.
            (Some(4), Some(0), Some(0), 0),
            // Another day began.
            (Some(4), Some(10), Some(0), 0),
        ];
        let mut purse = Purse::default();
        for (number, (cost, left, allowed, spent)) in dreams.into_iter().enumerate() {
            let mut task = Task {
                cost_micros: cost,
                left_micros: left,
                ..Task::default()
            };
            purse.limit(&mut task);
            assert_eq!(task.cost_micros, allowed, "{number}");
            // Whoever is let cost nothing hears that the day is why.
            assert_eq!(task.left_micros == Some(0), allowed == Some(0), "{number}");
            purse.spend(spent);
        }
    }

    #[test]
    fn without_a_daily_budget_each_dream_may_cost_what_it_may_cost() {
        let mut purse = Purse::default();
        for cost in [Some(4), None, Some(4)] {
            let mut task = Task {
                cost_micros: cost,
                ..Task::default()
            };
            purse.limit(&mut task);
            assert_eq!(task.cost_micros, cost);
            purse.spend(4);
        }
    }
}
