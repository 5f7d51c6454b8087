// The functions of each group, over its own traits `Fits` and `FitsBelow`. They are included where a macro would write them: an
// error quotes the bound, and of a macro it would quote all of the call as well.

/// A value of a log macro.
#[inline(always)]
pub fn val<K, const LINE: u32, X, T>(value: &T) -> Val<'_>
where
    T: ?Sized + Fits<K, X, LINE>,
    X: Loggable,
{
    value.fit()
}

/// A required value of a log macro.
#[inline(always)]
pub fn required<K, const LINE: u32, const RULE: u32, X, T>(value: &T) -> Val<'_>
where
    T: ?Sized + Fits<K, X, LINE>,
    X: Loggable + Present<RULE>,
{
    value.fit()
}

/// A field of a struct.
#[inline(always)]
pub fn field<T, K, X, const LINE: u32>(value: &T) -> Val<'_>
where
    T: ?Sized + Fits<K, X, LINE>,
    X: Loggable,
{
    value.fit()
}

/// A required field of a struct.
#[inline(always)]
pub fn need<T, K, X, const LINE: u32, const RULE: u32>(value: &T) -> Val<'_>
where
    T: ?Sized + Fits<K, X, LINE>,
    X: Loggable + Present<RULE>,
{
    value.fit()
}

/// A value of a log macro, under a field of a schema below.
#[inline(always)]
pub fn val_below<K, F, const LINE: u32, X, T>(value: &T) -> Val<'_>
where
    T: ?Sized + FitsBelow<K, X, F, LINE>,
    X: Loggable,
{
    value.fit_below()
}

/// A required value of a log macro; a schema below says the field, or requires it.
#[inline(always)]
pub fn required_below<K, F, G, const LINE: u32, const RULE: u32, X, T>(value: &T) -> Val<'_>
where
    T: ?Sized + FitsBelow<K, X, F, LINE>,
    X: Loggable + PresentBelow<G, RULE>,
{
    value.fit_below()
}

/// A field of a struct, under a field of a schema below.
#[inline(always)]
pub fn field_below<T, K, X, F, const LINE: u32>(value: &T) -> Val<'_>
where
    T: ?Sized + FitsBelow<K, X, F, LINE>,
    X: Loggable,
{
    value.fit_below()
}

/// A required field of a struct; a schema below says the field, or requires it.
#[inline(always)]
pub fn need_below<T, K, X, F, G, const LINE: u32, const RULE: u32>(value: &T) -> Val<'_>
where
    T: ?Sized + FitsBelow<K, X, F, LINE>,
    X: Loggable + PresentBelow<G, RULE>,
{
    value.fit_below()
}
