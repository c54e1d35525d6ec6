// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The prober on a simulated path: packets up to a size arrive, after a delay, unless one is lost. */
class PmtuProberTest {
    private static final long MS = 1_000_000L;

    /** A path; what it decides is noted with its time. */
    private static final class Path {
        int size;
        long roundTrip = 20 * MS;
        double loss;
        final Random random = new Random(1);
        final PmtuProber prober;
        final TreeMap<Long, List<Integer>> arriving = new TreeMap<>();
        final List<Integer> decisions = new ArrayList<>();
        final List<Long> decidedAt = new ArrayList<>();
        int probesSent;
        long now;

        Path(PmtuProfile profile, int size) {
            this.size = size;
            prober = new PmtuProber(profile, 0, random);
        }

        void runUntil(long end) {
            while (true) {
                long next = Math.min(prober.deadlineNanos(), arriving.isEmpty() ? Long.MAX_VALUE : arriving.firstKey());
                if (next > end) {
                    return;
                }
                now = next;
                List<Integer> acks = arriving.remove(now);
                if (acks != null) {
                    acks.forEach(ack -> note(prober.onAcknowledged(ack, now)));
                }
                if (prober.deadlineNanos() <= now) {
                    PmtuProber.Step step = prober.onTimer(now);
                    note(step.tunnelMtu());
                    step.probes().forEach(this::send);
                }
            }
        }

        private void send(int probe) {
            probesSent++;
            if (probe <= size && random.nextDouble() >= loss) {
                arriving.computeIfAbsent(now + roundTrip, t -> new ArrayList<>())
                        .add(probe);
            }
        }

        private void note(OptionalInt decision) {
            decision.ifPresent(mtu -> {
                decisions.add(mtu);
                decidedAt.add(now);
            });
        }

        int last() {
            return decisions.get(decisions.size() - 1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "IPV4, 1500, 1446",
        "IPV4, 1499, 1438",
        "IPV4, 1492, 1438",
        "IPV4, 1480, 1422",
        "IPV4, 1460, 1396",
        "IPV4, 1400, 1346",
        "IPV4, 1340, 1280",
        "IPV4, 1300, 1280",
        "IPV6, 1500, 1422",
        "IPV6, 1480, 1396",
        "IPV6, 1420, 1346",
        "IPV6, 1400, 1280",
        "IPV6, 1280, 1280",
    })
    void findsTheMtuOfEveryPath(PmtuProfile profile, int pathMtu, int tunnelMtu) {
        Path path = new Path(profile, pathMtu);
        path.runUntil(5_000 * MS);
        assertThat(path.decisions).isNotEmpty().allMatch(mtu -> mtu == tunnelMtu, "is " + tunnelMtu);
    }

    @Test
    void aSmallPathIsKnownWithinASecondAndDecidedOnce() {
        Path path = new Path(PmtuProfile.IPV4, 1400);
        path.runUntil(1_000 * MS);
        assertThat(path.decisions).containsExactly(1346);
        assertThat(path.decidedAt.get(0)).isLessThan(500 * MS);
    }

    @Test
    void theLargestGoesAloneAndEndsTheRoundAtOnce() {
        Path path = new Path(PmtuProfile.IPV4, 1500);
        path.runUntil(60_000 * MS);
        assertThat(path.decisions).containsExactly(1446);
        assertThat(path.decidedAt.get(0)).isEqualTo(120 * MS);
        assertThat(path.probesSent).isEqualTo(1);
    }

    @Test
    void theOthersFollowWhereTheLargestTakesLongerThan50Ms() {
        Path path = new Path(PmtuProfile.IPV4, 1500);
        path.roundTrip = 130 * MS;
        path.runUntil(60_000 * MS);
        assertThat(path.decisions).containsExactly(1446);
        assertThat(path.decidedAt.get(0)).isEqualTo(230 * MS);
        assertThat(path.probesSent).isEqualTo(7);
    }

    @Test
    void acknowledgementsLaterThanASecondCountToo() {
        Path path = new Path(PmtuProfile.IPV4, 1400);
        path.roundTrip = 1_700 * MS;
        path.runUntil(5_000 * MS);
        assertThat(path.decisions).isNotEmpty().allMatch(mtu -> mtu == 1346, "is 1346");
    }

    @Test
    void aSilentPeerMeansTheSmallestAfterFourBursts() {
        Path path = new Path(PmtuProfile.IPV4, 0);
        path.runUntil(10_000 * MS);
        assertThat(path.decisions).containsExactly(1280);
        assertThat(path.decidedAt.get(0)).isEqualTo(4_100 * MS);
        assertThat(path.probesSent).isEqualTo(28);
    }

    @Test
    void aPathThatWasSilentAtFirstIsMeasuredSoonAfter() {
        Path path = new Path(PmtuProfile.IPV4, 0);
        path.runUntil(5_000 * MS);
        path.size = 1500;
        path.runUntil(20_000 * MS);
        assertThat(path.decisions).containsExactly(1280, 1446);
        assertThat(path.decidedAt.get(1)).isEqualTo(14_120 * MS);
    }

    @Test
    void silentRoundsComeEverLater() {
        Path path = new Path(PmtuProfile.IPV4, 0);
        path.runUntil(3_600_000 * MS);
        assertThat(path.decisions).containsOnly(1280);
        assertThat(path.decisions.size()).isBetween(11, 13);
        assertThat(path.probesSent).isEqualTo(28 * path.decisions.size());
        List<Long> gaps = new ArrayList<>();
        for (int i = 1; i < path.decidedAt.size(); i++) {
            gaps.add((path.decidedAt.get(i) - path.decidedAt.get(i - 1)) / MS / 1000 - 4); // without the bursts' time
        }
        assertThat(gaps.subList(0, 6)).containsExactly(10L, 20L, 40L, 80L, 160L, 320L);
        assertThat(gaps.subList(6, gaps.size())).allMatch(gap -> gap >= 500 && gap <= 700, "is as usual");
    }

    @Test
    void anAcknowledgementEndsTheHurry() {
        Path path = new Path(PmtuProfile.IPV4, 0);
        path.runUntil(20_000 * MS); // two silent rounds
        path.size = 1400;
        path.runUntil(50_000 * MS);
        assertThat(path.last()).isEqualTo(1346);
        assertThat(path.prober.deadlineNanos()).isGreaterThan(500_000 * MS);
        path.size = 0;
        path.runUntil(path.prober.deadlineNanos() + 4_500 * MS);
        assertThat(path.last()).isEqualTo(1280);
        assertThat(path.prober.deadlineNanos() - path.decidedAt.get(path.decidedAt.size() - 1))
                .as("begins anew with the shortest gap")
                .isEqualTo(10_000 * MS);
    }

    @Test
    void lossOnlyDelaysTheAnswer() {
        int right = 0;
        for (int seed = 0; seed < 200; seed++) {
            Path path = new Path(PmtuProfile.IPV4, 1450);
            path.random.setSeed(seed);
            path.loss = 0.3;
            path.runUntil(5_000 * MS);
            right += path.last() == 1396 ? 1 : 0;
        }
        assertThat(right).as("of 200 rounds at 30 %% loss").isGreaterThan(190); // 0.3^4 = 0.8 % lose all four
    }

    @Test
    void probesAgainAfter500To700SecondsAndFollowsThePath() {
        Path path = new Path(PmtuProfile.IPV4, 1500);
        path.runUntil(1_000 * MS);
        path.size = 1400;
        path.runUntil(500_000 * MS);
        assertThat(path.last()).isEqualTo(1446);
        path.runUntil(705_000 * MS);
        assertThat(path.last()).isEqualTo(1346);
        path.size = 1492;
        path.runUntil(1_410_000 * MS);
        assertThat(path.last()).isEqualTo(1438);
    }

    @Test
    void aLaterRoundDoesNotLowerForOneLostBurst() {
        Path path = new Path(PmtuProfile.IPV4, 1500);
        path.runUntil(1_000 * MS);
        path.size = 1400;
        long nextRound = path.prober.deadlineNanos();
        path.runUntil(nextRound + 500 * MS);
        path.size = 1500;
        path.runUntil(nextRound + 5_000 * MS);
        assertThat(path.decisions).containsOnly(1446);
    }

    @Test
    void sizesThatWereNeverProbedAreIgnored() {
        Path path = new Path(PmtuProfile.IPV4, 1400);
        path.runUntil(110 * MS);
        assertThat(path.prober.onAcknowledged(9000, 110 * MS)).isEmpty();
        assertThat(path.prober.onAcknowledged(1499, 110 * MS)).isEmpty();
        path.runUntil(5_000 * MS);
        assertThat(path.last()).isEqualTo(1346);
    }
}
