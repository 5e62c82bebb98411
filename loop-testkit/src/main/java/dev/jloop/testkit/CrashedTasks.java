package dev.jloop.testkit;

import dev.jloop.core.Task;

import java.util.LinkedHashSet;
import java.util.Set;

/// Ends the tasks of a host that has crashed, wherever they wait, and then its timers.
final class CrashedTasks {
    /// Whoever still waits after that many turns does so on purpose, behind a shield.
    private static final int MOST_ROUNDS = 100;

    private final SimulatedNetwork network;
    private final HostLife life;
    private final Set<Task<?>> seen = new LinkedHashSet<>();
    private final Set<Task<?>> living = new LinkedHashSet<>();
    private int rounds;

    CrashedTasks(SimulatedNetwork network, HostLife life) {
        this.network = network;
        this.life = life;
    }

    void end() {
        for (var task : network.loop().allTasks()) {
            if (HostContext.of(task.context()) == life) {
                follow(task);
                task.cancel("host " + life.host().name() + " has crashed");
            }
        }
        rounds++;
        if (living.isEmpty()) {
            life.timers().end();
        } else if (rounds < MOST_ROUNDS) {
            network.soon(this::end);
        }
    }

    private void follow(Task<?> task) {
        if (seen.add(task)) {
            living.add(task);
            network.inside(() -> task.addDoneCallback(_ -> ended(task)));
        }
    }

    private void ended(Task<?> task) {
        if (!task.isCancelled()) {
            task.exception(); // looked at, and so not reported
        }
        living.remove(task);
        if (living.isEmpty()) {
            life.timers().end();
        }
    }
}
