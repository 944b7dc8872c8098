/**
 * Weight files of PyTorch: {@link org.vpns.torch.TorchFile} reads them without Python. A file is a
 * program for a stack machine; the one here knows the few objects of which weights consist and
 * refuses every other by name, so that reading runs no code of the file and loads no class.
 */
@NullMarked
package org.vpns.torch;

import org.jspecify.annotations.NullMarked;
