package dev.jloop.testkit;

import dev.jloop.core.AsyncRunnable;
import dev.jloop.core.Task;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;

/// A machine of a [SimulatedNetwork]: a name, addresses, ports, and the tasks that run on it.
///
/// A task is on a host because it was created by [#createTask(Callable)], or by a task that is on
/// that host. Everything it connects, and every server it starts, belongs to that host.
///
/// **Threading:** loop thread only, or the thread that owns the loop while it does not run.
///
/// @since 0.1
public interface SimHost {
    /// {@return the name, which resolves to the addresses}
    String name();

    /// {@return the addresses, in the order in which the name resolves to them; loopback is not
    /// among them}
    List<InetAddress> addresses();

    /// Gives the host one more address, for instance one of the other family. Connections from this
    /// host start at its first address of the family of the one they go to.
    ///
    /// @param address not used by any host, not a wildcard, loopback or multicast address
    /// @throws IllegalArgumentException if it is one of these
    void addAddress(InetAddress address);

    /// {@return whether the host runs: true until [#crash()], and again from [#restart()] on}
    boolean isUp();

    /// {@return the wall clock of this host, which any thread may ask} It starts right, that is
    /// with the virtual time from [VirtualTimeLoop#EPOCH] on, and a crash leaves it as it is. Code
    /// on the host sees the same by [VirtualTimeLoop#instantSource()].
    InstantSource instantSource();

    /// {@return by how much the clock of this host is ahead of the right time now; negative if it
    /// is behind}
    Duration clockOffset();

    /// Sets the wall clock of this host forwards or back, as an administrator or a time service
    /// does. Timers, timeouts and the loop's time know nothing of it.
    ///
    /// @param by how far; negative to set it back
    void jumpClock(Duration by);

    /// Lets the wall clock of this host run too fast or too slow from now on. What it is off
    /// already stays.
    ///
    /// @param partsPerMillion by how many microseconds it gains in each second; negative if it
    ///   loses; 0 for a clock that runs right. More than -1,000,000 and at most 1,000,000
    /// @throws IllegalArgumentException if it is out of this range
    void setClockDrift(double partsPerMillion);

    /// Starts a coroutine on this host. Its first step runs on the loop's next turn.
    ///
    /// @param body the coroutine
    /// @param <T> the type of the task's result
    /// @return the task
    /// @throws IllegalStateException if the host has crashed, or the loop is closed
    <T extends @Nullable Object> Task<T> createTask(Callable<T> body);

    /// Starts a coroutine without a result on this host: see [#createTask(Callable)].
    ///
    /// @param body the coroutine
    /// @return the task
    /// @throws IllegalStateException if the host has crashed, or the loop is closed
    Task<@Nullable Void> createTask(AsyncRunnable body);

    /// Ends the host as if its power failed. Does nothing on a host that has crashed already.
    ///
    /// - Its sockets vanish without a word. Who is connected to one of them learns nothing, until
    ///   he has sent something: then the connection is reset, if the host was restarted, or times
    ///   out, see [SimulatedNetwork#setGiveUpTime(java.time.Duration)].
    /// - What had left the host still arrives. Nothing new does: to the code of the host, as long
    ///   as it goes on, writing seems to work, nothing comes in, and connecting never ends.
    /// - Its tasks are cancelled, at each further await point too, up to a hundred times. How they
    ///   end is nobody's concern, so failures of theirs are not reported.
    /// - When they have ended, timers that were set on the host are cancelled.
    /// - Its protocols are never called again, not even `connectionLost`, and what its code has not
    ///   closed or released is no leak.
    ///
    /// Called by a task of the host, it cancels that one at its next await point.
    void crash();

    /// Starts the host again, with its name and addresses and nothing else: no sockets, no tasks.
    /// One that is up crashes first.
    void restart();
}
