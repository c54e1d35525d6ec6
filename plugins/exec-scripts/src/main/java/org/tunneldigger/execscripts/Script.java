// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A script to run.
 *
 * @param path the file, absolute
 * @param name what it is called in the log: the file's name, after that of its directory where a hook has one
 * @param figure what the names of its counters begin with
 */
record Script(Path path, String name, String figure) {

    /** Why the script cannot be run now; null if it seems that it can. */
    @Nullable
    String problem() {
        if (!Files.exists(path)) {
            return "there is no " + path;
        }
        if (!Files.isRegularFile(path)) {
            return path + " is no regular file";
        }
        return Files.isExecutable(path) ? null : path + " is not executable (chmod +x)";
    }
}
