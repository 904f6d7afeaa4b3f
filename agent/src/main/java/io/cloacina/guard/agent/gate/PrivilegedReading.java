// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.bootstrap.AllowedCall;
import io.cloacina.guard.agent.bootstrap.Gate;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Path;
import java.security.AccessController;
import java.security.PrivilegedAction;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/** The part of {@link PrivilegedGate} that concerns archives, directories and modules. */
@SuppressWarnings("removal") // Up to Java 23 there is no other way to it.
abstract class PrivilegedReading implements Gate {

    final Gate gate;

    PrivilegedReading(Gate gate) {
        this.gate = gate;
    }

    /** One call of the gate. What it throws is thrown as it is, also if that is checked. */
    abstract static class Call<T> implements PrivilegedAction<T> {
        abstract @Nullable T call() throws IOException;

        @Override
        public final @Nullable T run() {
            try {
                return call();
            } catch (IOException e) {
                throw Decisions.<RuntimeException>unchecked(e);
            }
        }
    }

    @AllowedCall("up to Java 23 a SecurityManager may be there, and the guard acts with its own permissions")
    static <T> T privileged(Call<T> call) {
        return AccessController.doPrivileged(call);
    }

    @Override
    public void loaderMade(ClassLoader loader, Object ucp) {
        privileged(new Call<Void>() {
            @Override
            @Nullable
            Void call() {
                gate.loaderMade(loader, ucp);
                return null;
            }
        });
    }

    @Override
    public Object rootOpening(Object ucp, URL url) {
        return privileged(new Call<Object>() {
            @Override
            Object call() {
                return gate.rootOpening(ucp, url);
            }
        });
    }

    @Override
    public void rootOpened(Object before) {
        gate.rootOpened(before);
    }

    @Override
    public Object jarOpening(Object jarLoader, URL url) {
        return privileged(new Call<Object>() {
            @Override
            Object call() {
                return gate.jarOpening(jarLoader, url);
            }
        });
    }

    @Override
    public void jarOpened(Object before, @Nullable JarFile jar) throws IOException {
        privileged(new Call<Void>() {
            @Override
            @Nullable
            Void call() throws IOException {
                gate.jarOpened(before, jar);
                return null;
            }
        });
    }

    @Override
    public File directoryOpened(File directory) {
        return privileged(new Call<File>() {
            @Override
            File call() {
                return gate.directoryOpened(directory);
            }
        });
    }

    @Override
    public boolean directoryReading(Object fileLoader, File directory, String name) {
        return privileged(new Call<Boolean>() {
            @Override
            Boolean call() {
                return gate.directoryReading(fileLoader, directory, name);
            }
        });
    }

    @Override
    public boolean directoryMissed(File directory, String name) {
        return privileged(new Call<Boolean>() {
            @Override
            Boolean call() {
                return gate.directoryMissed(directory, name);
            }
        });
    }

    @Override
    public boolean moduleDirectoryMissed(Path directory, String name) {
        return privileged(new Call<Boolean>() {
            @Override
            Boolean call() {
                return gate.moduleDirectoryMissed(directory, name);
            }
        });
    }

    @Override
    public boolean moduleDirectoryReading(Object reader, Path directory, @Nullable String name) {
        return privileged(new Call<Boolean>() {
            @Override
            Boolean call() {
                return gate.moduleDirectoryReading(reader, directory, name);
            }
        });
    }

    @Override
    public File zipOpening(File file, boolean toDelete) throws IOException {
        return privileged(new Call<File>() {
            @Override
            File call() throws IOException {
                return gate.zipOpening(file, toDelete);
            }
        });
    }

    @Override
    public void zipOpened(File file, @Nullable Object source) {
        privileged(new Call<Void>() {
            @Override
            @Nullable
            Void call() {
                gate.zipOpened(file, source);
                return null;
            }
        });
    }

    @Override
    public void zipClosed(Object source) {
        privileged(new Call<Void>() {
            @Override
            @Nullable
            Void call() {
                gate.zipClosed(source);
                return null;
            }
        });
    }

    @Override
    public void zipFileSystemMade(Path archive) {
        privileged(new Call<Void>() {
            @Override
            @Nullable
            Void call() {
                gate.zipFileSystemMade(archive);
                return null;
            }
        });
    }

    @Override
    public void zipStreamMade(InputStream stream) {
        privileged(new Call<Void>() {
            @Override
            @Nullable
            Void call() {
                gate.zipStreamMade(stream);
                return null;
            }
        });
    }

    @Override
    public Object moduleJarOpening(String path) {
        return privileged(new Call<Object>() {
            @Override
            Object call() {
                return gate.moduleJarOpening(path);
            }
        });
    }

    @Override
    public void moduleJarOpened(Object before) {
        gate.moduleJarOpened(before);
    }

    @Override
    public Path moduleDirectoryOpened(Path directory) {
        return privileged(new Call<Path>() {
            @Override
            Path call() {
                return gate.moduleDirectoryOpened(directory);
            }
        });
    }
}
