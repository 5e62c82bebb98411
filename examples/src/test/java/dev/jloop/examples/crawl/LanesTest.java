package dev.jloop.examples.crawl;

import static dev.jloop.examples.crawl.Records.fetched;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;

class LanesTest {
    @Test
    void overlappingFetchesGetLanesOfTheirOwnAndAFreeLaneIsUsedAgain() {
        var lanes =
                Lanes.packed(
                        List.of(
                                fetched("/late", 0, 20, 30),
                                fetched("/a", 0, 0, 10),
                                fetched("/b", 0, 5, 25),
                                fetched("/c", 0, 10, 12)));

        assertThat(lanes.count()).isEqualTo(2);
        assertThat(lanes.bars())
                .extracting(bar -> bar.fetch().uri().getPath() + " " + bar.lane())
                .containsExactly("/a 0", "/b 1", "/c 0", "/late 0");
    }

    @Test
    void whereThereIsRoomEachFetchHasALaneInTheOrderOfTheStarts() {
        var lanes = Lanes.oneEach(List.of(fetched("/b", 0, 20, 30), fetched("/a", 0, 0, 10)));

        assertThat(lanes.count()).isEqualTo(2);
        assertThat(lanes.bars())
                .extracting(bar -> bar.fetch().uri().getPath() + " " + bar.lane())
                .containsExactly("/a 0", "/b 1");
    }

    @Test
    void noFetchNeedsNoLane() {
        assertThat(Lanes.packed(List.of()).count()).isZero();
    }

    @Test
    void theStaircaseOfConcurrencyReturnsToZero() {
        var steps =
                ConcurrencySteps.of(
                        List.of(
                                fetched("/a", 0, 0, 10),
                                fetched("/b", 0, 5, 25),
                                fetched("/c", 0, 10, 12)));

        assertThat(steps.peak()).isEqualTo(2);
        assertThat(steps.steps())
                .extracting(ConcurrencySteps.Step::count)
                .containsExactly(1, 2, 2, 1, 0);
    }
}
