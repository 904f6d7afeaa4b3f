// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.store;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.sql.SQLException;
import java.util.Objects;
import java.util.stream.Stream;

/** What is told of a store that does not do what it must. */
final class StoreFailure {

    private StoreFailure() {}

    /** The first line of what the database or the file system said. */
    static String reason(Throwable failure) {
        Throwable told = Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .filter(cause -> cause instanceof SQLException || cause instanceof IOException)
                .findFirst()
                .orElse(failure);
        if (told instanceof AccessDeniedException denied) {
            return "[" + denied.getFile() + "] permission denied";
        }
        if (told instanceof FileSystemException file) {
            return "[" + file.getFile() + "] "
                    + (file.getReason() == null ? told.getClass().getSimpleName() : file.getReason());
        }
        String message = told.getMessage() == null ? told.toString() : told.getMessage();
        return message.lines().findFirst().orElse(told.toString());
    }
}
