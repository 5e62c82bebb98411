package dev.jloop.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Several failures at once, of tasks that ran side by side.
///
/// Each is among the suppressed exceptions too, so that a printed stack trace shows every branch.
/// One that stands in several of them is printed in full once, and marked as a circular reference
/// in the others, which is how the JDK says so. Groups may hold groups; [#split(Class)] and
/// [#subgroup(Class)] keep that structure.
///
/// The semantics are those of Python's `ExceptionGroup`.
///
/// @since 0.1
public class ExceptionGroup extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// A group divided by a type.
    ///
    /// @param matching the exceptions of that type, or empty if there are none
    /// @param rest the others, or empty if there are none
    public record Split(Optional<ExceptionGroup> matching, Optional<ExceptionGroup> rest) {}

    /// The message without the count.
    private final String text;

    /// At least one.
    @SuppressWarnings("serial") // List.copyOf gives a serializable list
    private final List<Throwable> exceptions;

    /// A group.
    ///
    /// @param message what failed
    /// @param exceptions the failures, at least one
    /// @throws IllegalArgumentException if there are none
    @SuppressWarnings("this-escape") // addSuppressed is final
    public ExceptionGroup(String message, List<? extends Throwable> exceptions) {
        super(
                message
                        + " ("
                        + exceptions.size()
                        + (exceptions.size() == 1 ? " exception)" : " exceptions)"));
        if (exceptions.isEmpty()) {
            throw new IllegalArgumentException("an exception group needs at least one exception");
        }
        this.text = message;
        this.exceptions = List.copyOf(exceptions);
        for (var exception : this.exceptions) {
            addSuppressed(exception);
        }
    }

    /// {@return the failures, in the order in which they came; unmodifiable}
    public List<Throwable> exceptions() {
        return exceptions;
    }

    /// {@return this group in two parts, nested groups divided likewise} A group that is itself of
    /// the type goes whole.
    ///
    /// @param type the type to look for
    public Split split(Class<? extends Throwable> type) {
        if (type.isInstance(this)) {
            return new Split(Optional.of(this), Optional.empty());
        }
        var matching = new ArrayList<Throwable>();
        var rest = new ArrayList<Throwable>();
        for (var exception : exceptions) {
            if (exception instanceof ExceptionGroup group) {
                var parts = group.split(type);
                parts.matching().ifPresent(matching::add);
                parts.rest().ifPresent(rest::add);
            } else {
                (type.isInstance(exception) ? matching : rest).add(exception);
            }
        }
        return new Split(groupOf(matching), groupOf(rest));
    }

    /// {@return the part of this group that is of a type, nested groups included, or empty}
    ///
    /// @param type the type to look for
    public Optional<ExceptionGroup> subgroup(Class<? extends Throwable> type) {
        return split(type).matching();
    }

    /// {@return a group of some of these, with the text, the stack and the cause of this one, and
    /// what was suppressed besides}
    private Optional<ExceptionGroup> groupOf(List<Throwable> some) {
        if (some.isEmpty()) {
            return Optional.empty();
        }
        var group = new ExceptionGroup(text, some);
        group.setStackTrace(getStackTrace());
        if (getCause() != null) {
            group.initCause(getCause());
        }
        Arrays.stream(getSuppressed()).skip(exceptions.size()).forEach(group::addSuppressed);
        return Optional.of(group);
    }
}
