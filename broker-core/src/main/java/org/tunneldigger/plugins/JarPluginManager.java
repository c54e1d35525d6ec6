// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import java.nio.file.Path;
import java.util.List;
import org.pf4j.ClassLoadingStrategy;
import org.pf4j.DefaultPluginManager;
import org.pf4j.JarPluginLoader;
import org.pf4j.ManifestPluginDescriptorFinder;
import org.pf4j.Plugin;
import org.pf4j.PluginClassLoader;
import org.pf4j.PluginDescriptor;
import org.pf4j.PluginDescriptorFinder;
import org.pf4j.PluginFactory;
import org.pf4j.PluginLoader;
import org.pf4j.PluginRuntimeException;

/** PF4J's manager, told where classes come from and to report failures by exceptions instead of its own log lines. */
final class JarPluginManager extends DefaultPluginManager {

    /** No root folder: the jars are chosen by {@link PluginCatalog}. */
    JarPluginManager() {
        super(List.<Path>of());
    }

    @Override
    protected PluginDescriptorFinder createPluginDescriptorFinder() {
        return new ManifestPluginDescriptorFinder();
    }

    @Override
    protected PluginLoader createPluginLoader() {
        ClassLoader api = new ApiClassLoader(JarPluginManager.class.getClassLoader());
        return new JarPluginLoader(this) {
            @Override
            public ClassLoader loadPlugin(Path path, PluginDescriptor descriptor) {
                PluginClassLoader loader =
                        new PluginClassLoader(JarPluginManager.this, descriptor, api, ClassLoadingStrategy.APD);
                loader.addFile(path.toFile());
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
