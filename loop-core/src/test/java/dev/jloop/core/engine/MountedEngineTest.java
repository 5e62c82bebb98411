package dev.jloop.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MountedEngineTest extends CoroutineEngineContract {
    static final String NEEDED = "needs --add-opens java.base/java.lang=ALL-UNNAMED";

    static boolean isOpen() {
        return Object.class.getModule().isOpen("java.lang", Engines.class.getModule());
    }

    @BeforeEach
    void assumeTheFlag() {
        assumeTrue(isOpen(), NEEDED);
    }

    @Override
    CoroutineEngine engine() {
        return Engines.choose(Engines.MOUNTED);
    }

    @Test
    void itIsTheDefaultWhereTheFlagIsSet() {
        assertThat(Engines.choose(null).name()).isEqualTo("mounted");
    }

    @Test
    void aPlatformThreadIsItsOwnHost() {
        var host = new Thread[1];
        host(() -> host[0] = Thread.currentThread());
        assertThat(host[0]).isSameAs(Thread.currentThread());
    }
}
