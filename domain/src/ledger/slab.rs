//! Places for many small things: no big block is ever copied, so that nobody waits for it.

/// Places of one block.
const BLOCK: usize = 1 << 10;

/// Things by the number of their place.
pub(super) struct Slab<T> {
    blocks: Vec<Box<[T]>>,
    /// Places that were ever taken.
    used: u32,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { blocks: Vec::new(), used: 0, free: Vec::new() }
    }
}

impl<T: Default> Slab<T> {
    /// Puts a thing into a free place.
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

    /// What stands there; the empty thing when the place is free.
    #[inline]
    pub(super) fn get(&self, id: u32) -> &T {
        &self.blocks[id as usize / BLOCK][id as usize % BLOCK]
    }

    /// What stands there.
    #[inline]
    pub(super) fn get_mut(&mut self, id: u32) -> &mut T {
        &mut self.blocks[id as usize / BLOCK][id as usize % BLOCK]
    }

    /// Takes it out; once for each [`Self::add`].
    pub(super) fn take(&mut self, id: u32) -> T {
        self.free.push(id);
        std::mem::take(self.get_mut(id))
    }

    /// How many stand here.
    pub(super) fn len(&self) -> usize {
        self.used as usize - self.free.len()
    }

    /// Places that were ever taken: ids are below it.
    pub(super) fn used(&self) -> u32 {
        self.used
    }

    /// Bytes taken from the system.
    pub(super) fn memory(&self) -> usize {
        self.blocks.len() * BLOCK * size_of::<T>()
            + self.blocks.capacity() * size_of::<Box<[T]>>()
            + self.free.capacity() * size_of::<u32>()
    }
}
