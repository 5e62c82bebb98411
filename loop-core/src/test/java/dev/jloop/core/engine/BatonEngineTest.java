package dev.jloop.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class BatonEngineTest extends CoroutineEngineContract {
    @Override
    CoroutineEngine engine() {
        return Engines.choose(Engines.BATON);
    }

    @Test
    void itsHostIsAVirtualThread() {
        var host = new Thread[1];
        host(() -> host[0] = Thread.currentThread());
        assertThat(host[0].isVirtual()).isTrue();
        assertThat(host[0].getName()).isEqualTo("jloop-host");
    }

    @Test
    void anUnknownEngineIsRefusedAndTheKnownOnesAreNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Engines.choose("turbo"))
                .withMessageContaining("'turbo'")
                .withMessageContaining("mounted or baton");
    }
}
