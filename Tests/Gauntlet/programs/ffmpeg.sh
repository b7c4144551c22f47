# SPDX-License-Identifier: Apache-2.0
# What: encodes and decodes generated video and sound, in threads
# Packages: ffmpeg
# Needs: command -v ffmpeg
# Limit: 120
program() {
  local quiet="ffmpeg -nostdin -hide_banner -loglevel error -y"
  $quiet -f lavfi -i testsrc=duration=3:size=320x240:rate=25 -f lavfi -i sine=frequency=440:duration=3 \
    -c:v mpeg4 -threads 4 -c:a aac -bitexact -flags +bitexact a.mkv
  $quiet -i a.mkv -vf scale=160:120,hue=s=0 -c:v libx264 -threads 4 -preset veryfast -bitexact b.mp4
  $quiet -i b.mp4 -f framemd5 - | sha256sum
  $quiet -i a.mkv -map 0:a -f md5 -
  ffprobe -v error -show_entries stream=codec_name,width -of csv a.mkv
  $quiet -i nothing.mkv c.mkv
  echo "ffmpeg: $?"
}
