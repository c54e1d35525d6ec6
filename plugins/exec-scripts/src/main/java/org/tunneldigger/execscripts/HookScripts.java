// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A configured script.
 *
 * @param hook the hook that it serves, as in the configuration
 * @param path the file, absolute
 */
record Script(String hook, Path path) {

    /** The file's name, for the log. */
    String name() {
        return String.valueOf(path.getFileName());
    }

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
