//! The world's outlines, which `build.rs` draws.

include!(concat!(env!("OUT_DIR"), "/world.rs"));

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Region;
    use std::collections::BTreeSet;

    #[test]
    fn every_region_is_drawn_once() {
        let shapes = SHAPES.iter().map(|(code, _)| *code).filter(|code| !code.is_empty());
        let drawn: Vec<_> = shapes.chain(DOTS.iter().map(|(code, ..)| *code)).collect();
        let once: BTreeSet<_> = drawn.iter().copied().collect();
        assert_eq!(drawn.len(), once.len());
        let regions = domain::regions::all().iter().map(|info| info.region);
        let ours: Vec<_> = regions.filter(|region| *region != Region::WORLD).collect();
        let missing: Vec<_> =
            ours.iter().filter(|region| !once.contains(region.as_str())).collect();
        assert_eq!(missing, Vec::<&Region>::new());
        let ours: BTreeSet<_> = ours.iter().map(Region::as_str).collect();
        let unknown: Vec<_> = once.difference(&ours).collect();
        assert_eq!(unknown, Vec::<&&str>::new());
    }

    #[test]
    fn outlines_are_small_and_whole() {
        let bytes: usize = SHAPES.iter().map(|(_, path)| path.len()).sum();
        assert!((8_000..16_000).contains(&bytes), "{bytes} bytes");
        assert!(SHAPES.iter().all(|(_, path)| path.starts_with('M') && path.ends_with('z')));
        let (width, height) = SIZE;
        let inside = |x: i32, y: i32| {
            x >= 0 && y >= 0 && x.unsigned_abs() <= width && y.unsigned_abs() <= height
        };
        assert!(DOTS.iter().all(|(_, x, y)| inside(*x, *y)));
    }
}
