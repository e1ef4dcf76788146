//! Slots for many small items in fixed blocks: growing never copies, so nothing stalls.

/// Slots per block.
const BLOCK: usize = 1 << 10;

/// Items by slot id.
pub(super) struct Slab<T> {
    blocks: Vec<Box<[T]>>,
    /// Slots ever used.
    used: u32,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { blocks: Vec::new(), used: 0, free: Vec::new() }
    }
}

impl<T: Default> Slab<T> {
    pub(super) fn add(&mut self, thing: T) -> u32 {
        let id = self.free.pop().unwrap_or_else(|| {
            if self.used as usize == self.blocks.len() * BLOCK {
                self.blocks.push(std::iter::repeat_with(T::default).take(BLOCK).collect());
            }
            self.used += 1;
            self.used - 1
        });
        *self.get_mut(id) = thing;
        id
    }

    /// The item; the default if the slot is free.
    #[inline]
    pub(super) fn get(&self, id: u32) -> &T {
        &self.blocks[id as usize / BLOCK][id as usize % BLOCK]
    }

    #[inline]
    pub(super) fn get_mut(&mut self, id: u32) -> &mut T {
        &mut self.blocks[id as usize / BLOCK][id as usize % BLOCK]
    }

    /// Removes an item; call it once per [`Self::add`].
    pub(super) fn take(&mut self, id: u32) -> T {
        self.free.push(id);
        std::mem::take(self.get_mut(id))
    }

    pub(super) fn len(&self) -> usize {
        self.used as usize - self.free.len()
    }

    /// Exclusive upper bound of ids.
    pub(super) fn used(&self) -> u32 {
        self.used
    }

    pub(super) fn memory(&self) -> usize {
        self.blocks.len() * BLOCK * size_of::<T>()
            + self.blocks.capacity() * size_of::<Box<[T]>>()
            + self.free.capacity() * size_of::<u32>()
    }
}
