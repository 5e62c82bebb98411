package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.CancelledError.Source;

import org.junit.jupiter.api.Test;

class CancelRequestsTest {
    private static final Cancellation FIRST = new Cancellation(Source.EXPLICIT, "first", null);
    private static final Cancellation SECOND = new Cancellation(Source.EXPLICIT, "second", null);

    private final CancelRequests requests = new CancelRequests();

    @Test
    void eachRequestCountsAndEachIsTakenBack() {
        requests.add(FIRST, 0);
        requests.add(SECOND, 0);
        assertThat(requests.count()).isEqualTo(2);
        requests.remove();
        requests.remove();
        requests.remove();
        assertThat(requests.count()).isZero();
    }

    @Test
    void theLastOneTakenBackDropsWhatWasNotDelivered() {
        requests.add(FIRST, 0);
        requests.add(SECOND, 0);
        requests.keep(SECOND);
        requests.remove();
        assertThat(requests.undelivered()).isEqualTo(SECOND);
        requests.remove();
        assertThat(requests.undelivered()).isNull();
    }

    @Test
    void aDeliveredOneIsKnownAgainInAChainOfCausesUntilAScopeHasSwallowedIt() {
        requests.add(FIRST, 0);
        var error = requests.deliver(FIRST);
        var wrapped = new IllegalStateException(new RuntimeException(error));
        assertThat(requests.cancellationIn(wrapped)).isSameAs(error);
        requests.forgetDelivered();
        assertThat(requests.cancellationIn(wrapped)).isNull();
        assertThat(requests.cancellationIn(error)).isSameAs(error);
    }

    @Test
    void aShieldHoldsBackWhatWasPreparedOutsideOfIt() {
        requests.enterShield();
        assertThat(requests.add(FIRST, 0)).isFalse();
        assertThat(requests.add(SECOND, 1)).isTrue();
        assertThat(requests.count()).isEqualTo(2);
        assertThat(requests.unshielded()).isEqualTo(1);
        requests.leaveShield();
        assertThat(requests.undelivered()).isEqualTo(FIRST);
        assertThat(requests.unshielded()).isEqualTo(2);
    }

    @Test
    void aShieldHoldsBackWhatWaitedBeforeIt() {
        requests.add(FIRST, 0);
        requests.keep(FIRST);
        requests.enterShield();
        assertThat(requests.undelivered()).isNull();
        requests.leaveShield();
        assertThat(requests.undelivered()).isEqualTo(FIRST);
    }

    @Test
    void aScopeThatTakesItsRequestBackBringsUpTheOneItReplaced() {
        requests.add(FIRST, 0);
        requests.keep(FIRST);
        requests.add(SECOND, 0);
        requests.keep(SECOND);
        requests.takeBack(SECOND, FIRST);
        assertThat(requests.undelivered()).isEqualTo(FIRST);
        assertThat(requests.count()).isEqualTo(1);
    }

    @Test
    void oneThatWasHandedOnCannotBeWithdrawn() {
        requests.add(FIRST, 0);
        requests.keep(FIRST);
        assertThat(requests.withdraw(SECOND)).isFalse();
        assertThat(requests.withdraw(FIRST)).isTrue();
        assertThat(requests.withdraw(FIRST)).isFalse();
        assertThat(requests.count()).isZero();
    }
}
