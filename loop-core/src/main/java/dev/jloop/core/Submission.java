package dev.jloop.core;

import org.jspecify.annotations.Nullable;

/// A callback on its way from another thread to the loop, and itself a link of the chain that
/// [Submissions] makes of them: so that each is one object, and not two.
///
/// The link belongs to the thread that submits until that has succeeded, and then to the loop's.
interface Submission extends Runnable {
    /// {@return the one that this was linked to last}
    @Nullable Submission next();

    void linkTo(@Nullable Submission next);
}
