{
  "targets": [
    {
      "target_name": "wordcount",
      "sources": ["wordcount.c"],
      "cflags": ["-g", "-Wall", "-Wextra"]
    }
  ]
}
