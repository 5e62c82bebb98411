package dev.jloop.core.engine;

/// Coroutines that are mounted on the loop's own thread: the loop is the scheduler of their virtual
/// threads. Needs `java.lang` opened to this module.
final class MountedEngine implements CoroutineEngine {
    private final VirtualThreadAccess access;

    MountedEngine(VirtualThreadAccess access) {
        this.access = access;
    }

    @Override
    public String name() {
        return Engines.MOUNTED;
    }

    @Override
    public Coroutine create(String name, Runnable body) {
        return new MountedCoroutine(access, name, body);
    }

    /// The JDK mounts virtual threads on platform threads only.
    @Override
    public void host(Runnable body) {
        if (Thread.currentThread().isVirtual()) {
            HostThread.runAndJoin(Thread.ofPlatform().name("jloop-host").daemon(), body);
        } else {
            body.run();
        }
    }
}
