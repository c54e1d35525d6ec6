// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.tunneldigger.api.hook.HookFailedException;
import org.tunneldigger.api.hook.HookFailedException.Severity;

/**
 * What a hook's key names: a script, or a directory of scripts. It is looked at anew each time, so that what is put there or taken
 * away counts from the next event on.
 *
 * <p>Of a directory run the executable regular files whose names have nothing but the letters, digits, {@code _} and
 * {@code -} of ASCII, in the order of the names' bytes: the default rule of {@code run-parts} (run-parts(8)). It keeps what
 * editors and package managers leave ({@code x~}, {@code x.dpkg-old}) from being run.
 *
 * @param hook as in the configuration
 * @param path absolute
 */
record HookScripts(String hook, Path path) {
    private static final Pattern RUN_PARTS_NAME = Pattern.compile("[A-Za-z0-9_-]+");

    /**
     * The scripts in their order; none if the directory has none.
     *
     * @throws HookFailedException if the directory can't be read
     */
    List<Script> scripts() throws HookFailedException {
        if (!Files.isDirectory(path)) {
            return List.of(new Script(path, nameOf(path), ScriptFigures.word(hook)));
        }
        List<Script> scripts = new ArrayList<>();
        for (Path file : files()) {
            String name = nameOf(file);
            if (RUN_PARTS_NAME.matcher(name).matches() && Files.isRegularFile(file) && Files.isExecutable(file)) {
                scripts.add(new Script(
                        file, nameOf(path) + "/" + name, ScriptFigures.word(hook) + "_" + ScriptFigures.word(name)));
            }
        }
        // The names are ASCII here: the order of characters is that of bytes.
        scripts.sort(Comparator.comparing(script -> nameOf(script.path())));
        return scripts;
    }

    /** What the operator may not have meant, each a whole sentence. */
    List<String> warnings() {
        try {
            if (!Files.isDirectory(path)) {
                String problem = scripts().get(0).problem();
                return problem == null ? List.of() : List.of(problem);
            }
            List<String> warnings = new ArrayList<>();
            for (Path file : files()) {
                if (!RUN_PARTS_NAME.matcher(nameOf(file)).matches()
                        && Files.isRegularFile(file)
                        && Files.isExecutable(file)) {
                    warnings.add(file + " is left out: its name has other characters than letters, digits, _ and -");
                }
            }
            if (scripts().isEmpty()) {
                warnings.add("there is no script in " + path);
            }
            return warnings;
        } catch (HookFailedException unreadable) {
            return List.of(String.valueOf(unreadable.getMessage()));
        }
    }

    private List<Path> files() throws HookFailedException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
            entries.forEach(files::add);
        } catch (IOException | DirectoryIteratorException e) {
            throw new HookFailedException(Severity.WARNING, path + " can't be read: " + e);
        }
        return files;
    }

    private static String nameOf(Path file) {
        return String.valueOf(file.getFileName());
    }
}
