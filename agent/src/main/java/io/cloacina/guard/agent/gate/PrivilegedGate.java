// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.bootstrap.Gate;
import java.io.File;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.AccessController;
import java.security.PrivilegedAction;
import java.security.ProtectionDomain;
import java.util.jar.JarFile;

/**
 * The gate under a {@code SecurityManager} (up to Java 23): what the guard needs files, sockets and threads for is its own
 * doing, whatever the code may do that loads something. It calls no method of objects that the application has made, so that
 * nothing of the application's runs with the guard's permissions.
 *
 * <p>No lambdas: a hook is called for each of these when it is linked, and would have it linked.
 */
@SuppressWarnings("removal") // Up to Java 23 there is no other way to it.
final class PrivilegedGate implements Gate {

    private final Gate gate;

    PrivilegedGate(Gate gate) {
        this.gate = gate;
    }

    /** One call of the gate. What it throws is thrown as it is, also if that is checked. */
    private abstract static class Call<T> implements PrivilegedAction<T> {
        abstract T call() throws IOException;

        @Override
        public final T run() {
            try {
                return call();
            } catch (IOException e) {
                throw Decisions.<RuntimeException>unchecked(e);
            }
        }
    }

    private static <T> T privileged(Call<T> call) {
        return AccessController.doPrivileged(call);
    }

    @Override
    public Gate privileged() {
        return this;
    }

    @Override
    public void loaderMade(ClassLoader loader, Object ucp) {
        privileged(new Call<Void>() {
            @Override
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
    public void jarOpened(Object before, JarFile jar) throws IOException {
        privileged(new Call<Void>() {
            @Override
            Void call() throws IOException {
                gate.jarOpened(before, jar);
                return null;
            }
        });
    }

    @Override
    public File folderOpened(File folder) throws IOException {
        return privileged(new Call<File>() {
            @Override
            File call() throws IOException {
                return gate.folderOpened(folder);
            }
        });
    }

    @Override
    public boolean folderMissed(File folder, String name) {
        return privileged(new Call<Boolean>() {
            @Override
            Boolean call() {
                return gate.folderMissed(folder, name);
            }
        });
    }

    @Override
    public boolean moduleFolderMissed(Path folder, String name) {
        return privileged(new Call<Boolean>() {
            @Override
            Boolean call() {
                return gate.moduleFolderMissed(folder, name);
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
    public void zipOpened(File file, Object source) {
        privileged(new Call<Void>() {
            @Override
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
            Void call() {
                gate.zipClosed(source);
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
    public Path moduleFolderOpened(Path folder) {
        return privileged(new Call<Path>() {
            @Override
            Path call() {
                return gate.moduleFolderOpened(folder);
            }
        });
    }

    @Override
    public void classNotFound(Object ucp, Throwable notFound) {
        gate.classNotFound(ucp, notFound);
    }

    @Override
    public void resourceDefining(ClassLoader loader, Object resource) {
        privileged(new Call<Void>() {
            @Override
            Void call() {
                gate.resourceDefining(loader, resource);
                return null;
            }
        });
    }

    @Override
    public void resourceRead(byte[] bytes) {
        gate.resourceRead(bytes);
    }

    @Override
    public void resourceDefined() {
        gate.resourceDefined();
    }

    @Override
    public byte[] classDefining(
            ClassLoader loader, String name, byte[] bytes, int offset, int length, ProtectionDomain domain) {
        return privileged(new Call<byte[]>() {
            @Override
            byte[] call() {
                return gate.classDefining(loader, name, bytes, offset, length, domain);
            }
        });
    }

    @Override
    public ByteBuffer classDefining(ClassLoader loader, String name, ByteBuffer bytes, ProtectionDomain domain) {
        return privileged(new Call<ByteBuffer>() {
            @Override
            ByteBuffer call() {
                return gate.classDefining(loader, name, bytes, domain);
            }
        });
    }

    @Override
    public void classDefined() {
        gate.classDefined();
    }

    @Override
    public String libraryLoading(Class<?> caller, String path, boolean builtIn) {
        return privileged(new Call<String>() {
            @Override
            String call() {
                return gate.libraryLoading(caller, path, builtIn);
            }
        });
    }

    @Override
    public String foreignLibraryLoading(String name) {
        return privileged(new Call<String>() {
            @Override
            String call() {
                return gate.foreignLibraryLoading(name);
            }
        });
    }

    @Override
    public String pkcs11Opening(String name) {
        return privileged(new Call<String>() {
            @Override
            String call() {
                return gate.pkcs11Opening(name);
            }
        });
    }

    @Override
    public String nssOpening(String name) {
        return privileged(new Call<String>() {
            @Override
            String call() {
                return gate.nssOpening(name);
            }
        });
    }

    @Override
    public String gssOpening(String name) {
        return privileged(new Call<String>() {
            @Override
            String call() {
                return gate.gssOpening(name);
            }
        });
    }

    @Override
    public String smartCardOpening(String name) {
        return privileged(new Call<String>() {
            @Override
            String call() {
                return gate.smartCardOpening(name);
            }
        });
    }

    @Override
    public void lookupDefining(MethodHandles.Lookup lookup, byte[] bytes) {
        privileged(new Call<Void>() {
            @Override
            Void call() {
                gate.lookupDefining(lookup, bytes);
                return null;
            }
        });
    }

    @Override
    public void hiddenDefining(MethodHandles.Lookup lookup, byte[] bytes) {
        privileged(new Call<Void>() {
            @Override
            Void call() {
                gate.hiddenDefining(lookup, bytes);
                return null;
            }
        });
    }

    @Override
    public void hiddenWithDataDefining(MethodHandles.Lookup lookup, byte[] bytes) {
        privileged(new Call<Void>() {
            @Override
            Void call() {
                gate.hiddenWithDataDefining(lookup, bytes);
                return null;
            }
        });
    }

    @Override
    public byte[] unsafeDefining(ClassLoader loader, byte[] bytes, int offset, int length, ProtectionDomain domain) {
        return privileged(new Call<byte[]>() {
            @Override
            byte[] call() {
                return gate.unsafeDefining(loader, bytes, offset, length, domain);
            }
        });
    }

    @Override
    public void agentAppending(String path) {
        privileged(new Call<Void>() {
            @Override
            Void call() {
                gate.agentAppending(path);
                return null;
            }
        });
    }

    @Override
    public void bootAppending(JarFile jar) {
        privileged(new Call<Void>() {
            @Override
            Void call() {
                gate.bootAppending(jar);
                return null;
            }
        });
    }

    @Override
    public void retransforming() {
        gate.retransforming();
    }

    @Override
    public Object[] redefining(Object[] definitions) {
        return privileged(new Call<Object[]>() {
            @Override
            Object[] call() {
                return gate.redefining(definitions);
            }
        });
    }

    @Override
    public Object[] diagnosticCommand(String name, Object[] parameters) {
        return privileged(new Call<Object[]>() {
            @Override
            Object[] call() {
                return gate.diagnosticCommand(name, parameters);
            }
        });
    }

    @Override
    public boolean isCopy(String file) {
        return gate.isCopy(file);
    }
}
