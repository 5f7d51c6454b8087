//! Parallel iterators within a request: what is done to the items after [`Carry::in_current_context`](crate::Carry).
//! It is no `IndexedParallelIterator`: `zip` and `enumerate` after it would fold its items where they, not it, say, and so
//! outside the request. They go before it.

use crate::{Context, InContext};
use rayon::iter::{
    ParallelIterator,
    plumbing::{Consumer, Folder, UnindexedConsumer},
};

impl<I: ParallelIterator> ParallelIterator for InContext<I> {
    type Item = I::Item;

    fn drive_unindexed<C: UnindexedConsumer<I::Item>>(self, consumer: C) -> C::Result {
        let (base, context) = self.into_parts();
        base.drive_unindexed(Within {
            base: consumer,
            context,
        })
    }

    fn opt_len(&self) -> Option<usize> {
        self.inner().opt_len()
    }
}

/// A part of rayon's plumbing, within a request.
struct Within<T> {
    base: T,
    context: Context,
}

impl<T> Within<T> {
    fn with<U>(&self, base: U) -> Within<U> {
        let context = self.context.clone();
        Within { base, context }
    }
}

impl<T, C: Consumer<T>> Consumer<T> for Within<C> {
    type Folder = Within<C::Folder>;
    type Reducer = C::Reducer;
    type Result = C::Result;

    fn split_at(self, index: usize) -> (Self, Self, C::Reducer) {
        let Within { base, context } = self;
        let (left, right, reducer) = base.split_at(index);
        let right = Within {
            base: right,
            context: context.clone(),
        };
        (Within { base: left, context }, right, reducer)
    }

    fn into_folder(self) -> Self::Folder {
        let Within { base, context } = self;
        let base = base.into_folder();
        Within { base, context }
    }

    fn full(&self) -> bool {
        self.base.full()
    }
}

impl<T, C: UnindexedConsumer<T>> UnindexedConsumer<T> for Within<C> {
    fn split_off_left(&self) -> Self {
        self.with(self.base.split_off_left())
    }

    fn to_reducer(&self) -> C::Reducer {
        self.base.to_reducer()
    }
}

impl<T, F: Folder<T>> Folder<T> for Within<F> {
    type Result = F::Result;

    fn consume(self, item: T) -> Self {
        let Within { base, context } = self;
        let base = context.in_scope(|| base.consume(item));
        Within { base, context }
    }

    fn consume_iter<I: IntoIterator<Item = T>>(self, items: I) -> Self {
        let Within { base, context } = self;
        // Entered once for all, not for each.
        let base = context.in_scope(|| base.consume_iter(items));
        Within { base, context }
    }

    fn complete(self) -> F::Result {
        let Within { base, context } = self;
        context.in_scope(|| base.complete())
    }

    fn full(&self) -> bool {
        self.base.full()
    }
}
