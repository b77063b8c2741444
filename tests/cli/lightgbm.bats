#!/usr/bin/env bats
# LightGBM's text models in the programs; what is read and what is refused is in
# test_lightgbm and, against LightGBM itself, in test_lightgbm_corpus.

bats_require_minimum_version 1.5.0

setup() {
	load helper
	cd "$BATS_TEST_TMPDIR"
	# Left of pm25 <= 12.5, and of station 1 or 3; missing pm25 goes right.
	cat >model.txt <<-'END'
	tree
	version=v4
	num_class=1
	num_tree_per_iteration=1
	label_index=0
	max_feature_idx=1
	objective=regression
	feature_names=pm25 station
	feature_infos=[0:500] 1:2:3
	tree_sizes=198 226

	Tree=0
	num_leaves=2
	num_cat=0
	split_feature=0
	split_gain=10
	threshold=12.5
	decision_type=8
	left_child=-1
	right_child=-2
	leaf_value=40 80.25
	leaf_count=3 4
	internal_count=7
	is_linear=0
	shrinkage=1


	Tree=1
	num_leaves=2
	num_cat=1
	split_feature=1
	split_gain=5
	threshold=0
	decision_type=9
	left_child=-1
	right_child=-2
	leaf_value=-5 5
	leaf_count=5 2
	internal_count=7
	cat_boundaries=0 1
	cat_threshold=10
	is_linear=0
	shrinkage=1


	end of trees
	END
}

@test "a LightGBM text model predicts by its feature names" {
	printf 'station,pm25\n1,12.5\n2,12.51\n3,\n,0\n' >in.csv
	run -0 --separate-stderr aqi-predict -m ./model.txt in.csv
	is_output 'station,pm25,aqi,category,confidence
1,12.5,35.00,Good,0.85
2,12.51,85.25,Moderate,0.85
3,,75.25,Moderate,0.85
,0,45.00,Good,0.85'
	is_stderr ''
}

@test "its raw scores and leaves are those of the file" {
	printf 'pm25,station\n20,3\n' >in.csv
	run -0 --separate-stderr aqi-model eval model.txt in.csv
	is_output 'raw_0,out_0
75.25,75.25'
	run -0 --separate-stderr aqi-model eval --leaf model.txt in.csv
	is_output '1,0'
}

@test "a faulty one is refused before a record is read" {
	sed '0,/threshold=12.5/s//threshold=x/; /tree_sizes/d' model.txt >bad.txt
	run -3 --separate-stderr aqi-predict -m ./bad.txt in.csv
	is_output ''
	is_stderr 'aqi-predict:./bad.txt: tree 0 node 0: threshold: "x" is not a number'
	sed '/^end/,$d; /tree_sizes/d' model.txt >bad.txt
	run -3 --separate-stderr aqi-predict -m ./bad.txt in.csv
	is_stderr "aqi-predict:./bad.txt: byte $(stat -c %s bad.txt): the file ends without a line \"end of trees\""
	sed 's/=12.5/=12.5000/' model.txt >bad.txt
	run -3 --separate-stderr aqi-predict -m ./bad.txt in.csv
	is_stderr 'aqi-predict:./bad.txt: tree 0: 199 bytes, but tree_sizes has "198"'
}

@test "one with several outputs is for aqi-model eval" {
	sed 's/num_class=1/num_class=2/; s/iteration=1/iteration=2/
		s/objective=.*/objective=multiclass num_class:2/' model.txt >two.txt
	run -3 --separate-stderr aqi-predict -m ./two.txt in.csv
	is_stderr 'aqi-predict:./two.txt: 2 outputs; a prediction is one: see aqi-model eval for all of them'
	printf 'pm25,station\n20,3\n' >in.csv
	run -0 --separate-stderr aqi-model eval two.txt in.csv
	is_output 'raw_0,raw_1,out_0,out_1
80.25,-5,1,9.470990865506873e-38'
}
