// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.pf4j.ClassLoadingStrategy;
import org.pf4j.DefaultPluginManager;
import org.pf4j.ManifestPluginDescriptorFinder;
import org.pf4j.Plugin;
import org.pf4j.PluginClassLoader;
import org.pf4j.PluginDescriptor;
import org.pf4j.PluginDescriptorFinder;
import org.pf4j.PluginFactory;
import org.pf4j.PluginLoader;
import org.pf4j.PluginRuntimeException;
import org.pf4j.util.FileUtils;

/**
 * PF4J's manager for one plugin, told where classes come from and to report failures by exceptions instead of its own log lines. One
 * each, so that a plugin's next version can be loaded while the last one runs.
 */
final class OnePluginManager extends DefaultPluginManager {

    /** No root folder: the files are chosen by {@link PluginCatalog}. */
    OnePluginManager() {
        super(List.<Path>of());
    }

    @Override
    protected PluginDescriptorFinder createPluginDescriptorFinder() {
        return new ManifestPluginDescriptorFinder();
    }

    @Override
    protected PluginLoader createPluginLoader() {
        ClassLoader api = new ApiClassLoader(OnePluginManager.class.getClassLoader());
        return new PluginLoader() {
            @Override
            public boolean isApplicable(Path path) {
                return true;
            }

            @Override
            public ClassLoader loadPlugin(Path path, PluginDescriptor descriptor) {
                PluginClassLoader loader =
                        new PluginClassLoader(OnePluginManager.this, descriptor, api, ClassLoadingStrategy.APD);
                if (Files.isDirectory(path)) {
                    loader.addFile(path.resolve("classes").toFile());
                    FileUtils.getJars(path.resolve("lib")).forEach(loader::addFile);
                } else {
                    loader.addFile(path.toFile());
                }
                return loader;
            }
        };
    }

    @Override
    protected PluginFactory createPluginFactory() {
        return wrapper -> {
            String className = wrapper.getDescriptor().getPluginClass();
            try {
                return (Plugin) wrapper.getPluginClassLoader()
                        .loadClass(className)
                        .getDeclaredConstructor()
                        .newInstance();
            } catch (ReflectiveOperationException | ClassCastException e) {
                throw new PluginRuntimeException(e, "Plugin-Class {} cannot be made: {}", className, e);
            }
        };
    }
}
