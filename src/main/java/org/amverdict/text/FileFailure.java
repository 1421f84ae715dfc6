package org.amverdict.text;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Why a file could not be used, in words: Java's own exceptions of files have a path as their message. Stateless. */
public final class FileFailure {
    private FileFailure() {}

    /** The reason, with the path where the exception has one. */
    public static String of(final IOException e) {
        final String message = e.getMessage() == null ? "" : e.getMessage();
        if (e instanceof AccessDeniedException) {
            return "permission denied: " + message;
        }
        if (e instanceof NoSuchFileException) {
            return "no such file or directory: " + message;
        }
        if (e instanceof FileAlreadyExistsException) {
            // Files.createDirectories, too, for a link whose target this user may not enter.
            return "it exists and is not what is needed, or leads to where this user may not go: " + message;
        }
        if (e instanceof NotDirectoryException) {
            return "not a directory: " + message;
        }
        if (e instanceof DirectoryNotEmptyException) {
            return "a directory that is not empty: " + message;
        }
        return message.isEmpty() ? e.toString() : message;
    }
}
