// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.bootstrap.Gate;
import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.security.ProtectionDomain;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/**
 * The gate under a {@code SecurityManager} (up to Java 23): what the guard needs files, sockets and threads for is its own
 * doing, whatever the code may do that loads something. It calls no method of objects that the application has made, so that
 * nothing of the application's runs with the guard's permissions.
 *
 * <p>No lambdas: a hook is called for each of these when it is linked, and would have it linked.
 */
final class PrivilegedGate extends PrivilegedReading {

    PrivilegedGate(Gate gate) {
        super(gate);
    }

    @Override
    public Gate privileged() {
        return this;
    }

    @Override
    public void classNotFound(Object ucp, Throwable notFound) {
        gate.classNotFound(ucp, notFound);
    }

    @Override
    public void resourceDefining(ClassLoader loader, Object resource) {
        privileged(new Call<Void>() {
            @Override
            @Nullable
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
    public byte @Nullable [] classDefining(
            ClassLoader loader,
            @Nullable String name,
            byte @Nullable [] bytes,
            int offset,
            int length,
            @Nullable ProtectionDomain domain) {
        return privileged(new Call<byte[]>() {
            @Override
            byte @Nullable [] call() {
                return gate.classDefining(loader, name, bytes, offset, length, domain);
            }
        });
    }

    @Override
    public @Nullable ByteBuffer classDefining(
            ClassLoader loader, @Nullable String name, @Nullable ByteBuffer bytes, @Nullable ProtectionDomain domain) {
        return privileged(new Call<ByteBuffer>() {
            @Override
            @Nullable
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
    public String libraryLoading(@Nullable Class<?> caller, String path, boolean builtIn) {
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
            @Nullable
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
            @Nullable
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
            @Nullable
            Void call() {
                gate.hiddenWithDataDefining(lookup, bytes);
                return null;
            }
        });
    }

    @Override
    public byte @Nullable [] unsafeDefining(
            @Nullable ClassLoader loader,
            byte @Nullable [] bytes,
            int offset,
            int length,
            @Nullable ProtectionDomain domain) {
        return privileged(new Call<byte[]>() {
            @Override
            byte @Nullable [] call() {
                return gate.unsafeDefining(loader, bytes, offset, length, domain);
            }
        });
    }

    @Override
    public void transletsGenerated(byte[] @Nullable [] classes) {
        gate.transletsGenerated(classes);
    }

    @Override
    public void agentAppending(String path) {
        privileged(new Call<Void>() {
            @Override
            @Nullable
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
            @Nullable
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
    public Object @Nullable [] redefining(Object @Nullable [] definitions) {
        return privileged(new Call<Object[]>() {
            @Override
            Object @Nullable [] call() {
                return gate.redefining(definitions);
            }
        });
    }

    @Override
    public Object @Nullable [] diagnosticCommand(@Nullable String name, Object @Nullable [] parameters) {
        return privileged(new Call<Object[]>() {
            @Override
            Object @Nullable [] call() {
                return gate.diagnosticCommand(name, parameters);
            }
        });
    }

    @Override
    public boolean isCopy(@Nullable String file) {
        return gate.isCopy(file);
    }
}
