package org.vpns.study.data;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.io.JsonBound;

/**
 * Food-101: {@code meta/train.json} and {@code meta/test.json} name for each class its pictures,
 * without {@code .jpg}, below {@code images}. Classes are in the order of their names.
 */
final class Food101 {
  private Food101() {}

  static StoredImages.Split read(Path root) throws IOException {
    SetFolder folder =
        SetFolder.open("Food-101", root, "images", "meta/train.json", "meta/test.json");
    Map<String, List<String>> train = list(folder, "meta/train.json");
    Map<String, List<String>> test = list(folder, "meta/test.json");
    if (!train.keySet().equals(test.keySet())) {
      throw folder.damaged("meta/test.json", "the classes of train.json", test.keySet());
    }
    return new StoredImages.Split(
        part(folder, "training", train), null, part(folder, "test", test));
  }

  private static StoredImages part(SetFolder folder, String name, Map<String, List<String>> list)
      throws IOException {
    List<String> names = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    List<String> classes = List.copyOf(list.keySet());
    for (int label = 0; label < classes.size(); label++) {
      for (String picture : list.getOrDefault(classes.get(label), List.of())) {
        names.add(picture + ".jpg");
        labels.add(label);
      }
    }
    return folder.listed(name, "images", names, labels, classes);
  }

  /** Pictures by class, sorted by class. */
  private static Map<String, List<String>> list(SetFolder folder, String file) throws IOException {
    String text = folder.text(file);
    Map<String, @Nullable List<@Nullable String>> read;
    try {
      JsonBound.require(text);
      read = new Gson().fromJson(text, new TypeToken<>() {});
    } catch (JsonParseException | StackOverflowError e) {
      throw folder.damaged(file, "an object of lists of names", e);
    }
    Map<String, List<String>> sorted = new TreeMap<>();
    if (read != null) {
      for (Map.Entry<String, @Nullable List<@Nullable String>> entry : read.entrySet()) {
        List<@Nullable String> names = entry.getValue();
        if (names == null || names.contains(null) || names.isEmpty()) {
          String found = names != null && names.isEmpty() ? "none" : "null";
          throw folder.damaged(file, "a list of names for " + entry.getKey(), found);
        }
        sorted.put(entry.getKey(), new ArrayList<>(names));
      }
    }
    if (sorted.isEmpty()) {
      throw folder.damaged(file, "an object of lists of names", "none");
    }
    return sorted;
  }
}
