// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SummaryTest {
    @Test
    void theMedianOfAnOddNumberIsTheMiddleOne() {
        assertThat(Summary.of(9, 1, 4)).isEqualTo(new Summary(4, 1, 9, 3));
    }

    @Test
    void theMedianOfAnEvenNumberIsBetweenTheMiddleTwo() {
        assertThat(Summary.of(10, 1, 4, 6)).isEqualTo(new Summary(5, 1, 10, 4));
    }

    @Test
    void aSingleRunHasNoSpread() {
        assertThat(Summary.of(1234).text()).isEqualTo("1 234");
        assertThat(Summary.of(798, 662, 949).text()).isEqualTo("798 (662 to 949)");
    }

    @Test
    void reachesWhereTheSpreadsTouch() {
        Summary peer = Summary.of(100, 110, 120);
        assertThat(Summary.of(80, 90, 100).reaches(peer)).isTrue();
        assertThat(Summary.of(200, 300).reaches(peer)).isTrue();
        assertThat(Summary.of(80, 90, 99).reaches(peer)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0.815, 0.82", "9.994, 9.99", "9.996, 10.0", "54.44, 54.4", "99.96, 100", "1234567, 1 234 567"})
    void numbersHaveThreeDigitsOrAllBeforeThePoint(double value, String text) {
        assertThat(Numbers.text(value)).isEqualTo(text);
    }
}
