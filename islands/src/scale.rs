//! Round numbers for an axis of counts.

/// An axis of counts: `steps` steps of `step` each, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// The size of a step: 1, 2 or 5 times a power of ten.
    pub step: u64,
    /// The number of steps, at least 1.
    pub steps: u64,
}

/// The most steps of a chart's axis.
const STEPS: u64 = 4;

impl Scale {
    /// The axis of at most four steps, with the smallest step that reaches a count.
    pub fn to(largest: u64) -> Self {
        let step = Self::within(largest, STEPS).step;
        Self { step, steps: largest.div_ceil(step).clamp(1, STEPS) }
    }

    /// The axis of exactly `steps` steps, with the smallest step that reaches a count.
    pub fn within(largest: u64, steps: u64) -> Self {
        let steps = steps.max(1);
        let mut step = 1_u64;
        while largest.div_ceil(step) > steps {
            let next = if leading(step) == 2 { step / 2 * 5 } else { step.saturating_mul(2) };
            if next <= step {
                break;
            }
            step = next;
        }
        Self { step, steps }
    }

    /// The largest count that the axis shows.
    pub fn top(self) -> u64 {
        self.step.saturating_mul(self.steps)
    }

    /// The y coordinate of a count: `height` for 0, 0 for the largest.
    pub fn y(self, count: u64, height: i32) -> i32 {
        let share = count as f64 / self.top() as f64;
        height - (share.min(1.0) * f64::from(height)).round() as i32
    }

    /// The counts at the gridlines, from 0.
    pub fn ticks(self) -> impl Iterator<Item = u64> {
        (0..=self.steps).map(move |at| at.saturating_mul(self.step))
    }
}

fn leading(mut number: u64) -> u64 {
    while number >= 10 {
        number /= 10;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn round_steps() {
        for (largest, step, steps) in [
            (0, 1, 1),
            (1, 1, 1),
            (3, 1, 3),
            (4, 1, 4),
            (5, 2, 3),
            (9, 5, 2),
            (20, 5, 4),
            (21, 10, 3),
            (999, 500, 2),
            (1_001, 500, 3),
        ] {
            assert_eq!(Scale::to(largest), Scale { step, steps }, "{largest}");
        }
    }

    #[test]
    fn ends_of_the_axis() {
        let scale = Scale::to(20);
        assert_eq!((scale.y(0, 200), scale.y(10, 200), scale.y(20, 200)), (200, 100, 0));
        assert_eq!(scale.ticks().collect::<Vec<_>>(), [0, 5, 10, 15, 20]);
    }

    proptest! {
        #[test]
        fn every_count_fits(largest in 0_u64..u64::MAX / 8) {
            let scale = Scale::to(largest);
            prop_assert!(scale.top() >= largest);
            prop_assert!((1..=4).contains(&scale.steps));
            // No finer step would do.
            prop_assert!(largest < 5 || scale.top() / 4 <= largest, "{scale:?}");
        }

        #[test]
        fn no_count_panics(largest in 0_u64..=u64::MAX) {
            let scale = Scale::to(largest);
            let _ = (scale.y(largest, 200), scale.ticks().count());
        }
    }
}
