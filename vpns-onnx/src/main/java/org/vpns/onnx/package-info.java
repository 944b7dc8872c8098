/** ONNX files: networks into them and out of them, and services that run them. */
@NullMarked
package org.vpns.onnx;

import org.jspecify.annotations.NullMarked;
