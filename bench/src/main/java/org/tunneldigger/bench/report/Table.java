// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A Markdown table. */
final class Table {
    private final StringBuilder text = new StringBuilder();
    private final int columns;

    Table(String... head) {
        columns = head.length;
        line(List.of(head));
        line(Collections.nCopies(columns, "---"));
    }

    /** Empty cells are shown as such by a dash. */
    void add(String... cells) {
        if (cells.length != columns) {
            throw new IllegalArgumentException(cells.length + " cells where there are " + columns + " columns");
        }
        List<String> shown = new ArrayList<>();
        for (String cell : cells) {
            shown.add(cell.isEmpty() ? "-" : cell.replace("|", "\\|"));
        }
        line(shown);
    }

    String text() {
        return text.toString();
    }

    private void line(List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
}
