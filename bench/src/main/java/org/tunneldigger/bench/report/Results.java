// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that one call of scripts/bench found.
 *
 * @param about machine, versions, command, in the order of the report
 * @param absences by measurement, the first reason why it, or a run of it, came to nothing
 */
record Results(List<Measured> measured, Map<String, Absence> absences, Map<String, String> about) {
    /** @param broken whether the measurement broke, rather than being impossible here or not asked for */
    record Absence(boolean broken, String reason) {}

    /** From raw.csv, absent.csv and about.csv of the folder. */
    static Results read(Path folder) throws IOException {
        List<Measured> measured = Files.readAllLines(folder.resolve("raw.csv")).stream()
                .map(Measured::parse)
                .toList();
        Map<String, Absence> absences = new LinkedHashMap<>();
        for (String line : Files.readAllLines(folder.resolve("absent.csv"))) {
            String[] fields = line.split(",", 3);
            absences.putIfAbsent(fields[0], new Absence(fields[1].equals("broken"), fields[2]));
        }
        Map<String, String> about = new LinkedHashMap<>();
        for (String line : Files.readAllLines(folder.resolve("about.csv"))) {
            String[] fields = line.split(",", 2);
            about.put(fields[0], fields[1]);
        }
        return new Results(measured, absences, about);
    }

    Measurement of(String measurement) {
        return new Measurement(
                measurement,
                measured.stream()
                        .filter(one -> one.measurement().equals(measurement))
                        .toList());
    }

    List<String> measurements() {
        return measured.stream().map(Measured::measurement).distinct().toList();
    }

    Optional<Absence> absence(String measurement) {
        return Optional.ofNullable(absences.get(measurement));
    }
}
